"""What results say: indicators, distances to published figures, comparisons."""
