package main

// checkID refuses what is not a UUID in its 36-character form, so that no
// path can mean anything else to the router behind.
func checkID(id string) *problem {
	if !isUUID(id) {
		return fieldProblem("INVALID_ORDER_ID", "id", "must be a UUID in its 36-character form")
	}
	return nil
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return false
			}
		}
	}
	return true
}
