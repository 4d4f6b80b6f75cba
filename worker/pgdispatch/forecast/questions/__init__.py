"""What people ask beyond the forecast: what if, and how many backgrounders."""
