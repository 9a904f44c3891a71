"""What the strategies of several rules share: finding the way in a tree, and changing it in a few places."""
