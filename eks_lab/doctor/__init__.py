"""What this machine has and lacks for the course. Looks only; changes nothing."""
