/** A list of names that stands in one text, with spaces or line ends between them. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
