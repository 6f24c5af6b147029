"""ui/timeline"""
