"""Motion and body maths on arrays. No Qt; torch only through arrays that are handed in."""
