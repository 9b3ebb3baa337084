"""Spreadsheets of strangers: opened apart, and read cell by cell."""
