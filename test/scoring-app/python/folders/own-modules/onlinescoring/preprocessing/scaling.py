class Standardized:
    """Is in the pickle of the model."""

    def __init__(self, rows):
        self.mean = rows.mean(axis=0)
        self.deviation = rows.std(axis=0)

    def transform(self, rows):
        return (rows - self.mean) / self.deviation
