package olm

import "testing"

// TestOneTimeKeyRoom checks that an account makes room for the keys that it keeps, and not for all that are
// asked for.
func TestOneTimeKeyRoom(t *testing.T) {
	a := NewAccount()
	for _, c := range []struct{ n, room int }{{0, 0}, {1, 1}, {2, 3}, {1000, MaxOneTimeKeys}, {1, MaxOneTimeKeys}} {
		if _, err := a.GenerateOneTimeKeys(c.n); err != nil {
			t.Fatal(err)
		}
		if room := len(a.OneTimeStorage()); room != c.room || a.OneTimeKeyCount() != c.room {
			t.Errorf("%d more keys: %d, in room for %d, want %d", c.n, a.OneTimeKeyCount(), room, c.room)
		}
	}
}
