package side_test

import (
	"errors"
	"testing"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/internal/side"
)

func TestGiven(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		given, drawn int
		err          error
		right        bool
	}{
		{0, 0, nil, true}, {32, 32, nil, true}, {32, 31, nil, false}, {32, 33, nil, false}, {32, 0, nil, false}, {0, 1, nil, false},
		{32, 0, failed, true}, {32, 32, failed, true}, {32, 31, failed, false}, {32, 33, failed, false}, {0, 1, failed, false},
	} {
		g := side.NewGiven(make([]byte, c.given))
		if n, err := g.Read(make([]byte, c.drawn)); n != c.drawn || err != nil {
			t.Errorf("%d bytes, error %v, want %d", n, err, c.drawn)
		}
		if err := g.Check(c.err); (err == nil) != c.right {
			t.Errorf("%d of %d bytes, after %v: %v", c.drawn, c.given, c.err, err)
		}
	}
}

func eachSide(t *testing.T, test func(t *testing.T, s side.Whole)) {
	t.Run("Strict", func(t *testing.T) { test(t, side.Strict) })
	t.Run("Libolm", func(t *testing.T) { test(t, side.Libolm) })
}

// What is drawn is what is given, in both bodies alike, and another number of bytes is noticed.
func TestRandom(t *testing.T) {
	var keys []string
	eachSide(t, func(t *testing.T, s side.Whole) {
		for n := 60; n < 70; n++ {
			g := side.NewGiven(vectors.NewStream("side").Bytes(n))
			a := s.NewAccount(g)
			if err := g.Check(nil); (err == nil) != (n == 64) {
				t.Errorf("an account of %d bytes: %v", n, err)
			}
			if n == 64 {
				keys = append(keys, a.IdentityKeys())
			}
		}
	})
	if len(keys) != 2 || keys[0] != keys[1] {
		t.Errorf("the identity keys are %q", keys)
	}
}

// An object that was freed has nothing left to work with.
func TestFree(t *testing.T) {
	eachSide(t, func(t *testing.T, s side.Whole) {
		a, g := s.NewAccount(vectors.NewStream("account")), s.NewSender(vectors.NewStream("sender"))
		a.Free()
		g.Free()
		for what, call := range map[string]func() string{"signs": func() string { return a.Sign(nil) }, "has a key": g.SessionKey} {
			func() {
				defer func() { _ = recover() }()
				t.Errorf("it %s: %s", what, call())
			}()
		}
	})
}

// The errors of Libolm have libolm's names and numbers.
func TestCode(t *testing.T) {
	_, err := side.Libolm.UnpickleAccount([]byte("key"), "AAAA")
	if code, ok := err.(side.Code); !ok || code != 8 || err.Error() != "BAD_ACCOUNT_KEY" {
		t.Errorf("error is %v, want number 8, BAD_ACCOUNT_KEY", err)
	}
}
