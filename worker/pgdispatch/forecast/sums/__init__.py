"""What many runs come to: intervals, chances, load, contracts, and the rows that say so."""
