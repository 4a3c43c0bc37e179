locals {
  a = cidrsubnet("10.0.0.0/16", 8) # finds
  b = cidrsubnet("10.0.0.0/16", 8, 1)
  c = upper(["a"]) # finds
  d = upper("a")
  e = merge({}, {}, {})
  f = length() # finds
  g = max([1, 2]...)
}
