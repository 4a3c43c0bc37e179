"""Who may do what: identities, policies and AWS's own words for a refusal."""
