"""ui/viewport"""
