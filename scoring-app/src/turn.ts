let turn: Promise<void> | undefined;

/** Fulfilled when Node has parsed what the event loop reads in this turn; one promise for everybody who waits for it. */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
