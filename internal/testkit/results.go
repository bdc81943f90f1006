package testkit

// Err returns the last of what a call returned, which is its error: Err(s.Encrypt(nil)).
func Err(results ...any) error {
	last := results[len(results)-1]
	if last == nil {
		return nil
	}
	return last.(error)
}
