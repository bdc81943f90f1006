package generate

import "github.com/karst-im/karst/vectors"

func accountFile() file {
	var cases []*transcript
	add := func(name, note string, run func(t *transcript)) {
		t := newTranscript("account", name, note)
		t.createAccount("alice")
		run(t)
		cases = append(cases, t.close())
	}

	add("fresh", "identity keys, empty lists, pickles under keys of several lengths", func(t *transcript) {
		t.oneTimeKeys("alice")
		t.fallback("alice")
		t.add(vectors.Step{Op: "max_one_time_keys", Account: "alice", Result: of(uint32(t.accounts["alice"].MaxOneTimeKeys()))})
		for _, n := range []int{0, 1, 32, 64, 65, 200} {
			t.pickleAccount("alice", t.rand.Bytes(n))
		}
	})

	add("signatures", "account signatures over messages of several lengths", func(t *transcript) {
		for _, n := range []int{0, 1, 2, 31, 32, 63, 64, 65, 111, 112, 127, 128, 200, 1000} {
			t.sign("alice", t.rand.Bytes(n))
		}
		t.reloadAccount("alice", vectors.Bytes("key"))
		t.sign("alice", vectors.Bytes("signed after a reload"))
	})

	add("one_time_keys", "ids go on counting, newest first, published ones are not listed again", func(t *transcript) {
		t.generateOneTimeKeys("alice", 0)
		t.markPublished("alice")
		t.generateOneTimeKeys("alice", 1)
		t.generateOneTimeKeys("alice", 4)
		t.pickleAccount("alice", vectors.Bytes("some"))
		t.markPublished("alice")
		t.oneTimeKeys("alice")
		t.markPublished("alice")
		t.generateOneTimeKeys("alice", 2)
		t.reloadAccount("alice", vectors.Bytes("some"))
		t.oneTimeKeys("alice")
		t.generateOneTimeKeys("alice", 1)
		t.markPublished("alice")
		t.pickleAccount("alice", vectors.Bytes{})
	})

	add("overflow", "the 101st one-time key pushes out the oldest, published or not", func(t *transcript) {
		t.generateOneTimeKeys("alice", 60)
		t.markPublished("alice")
		t.generateOneTimeKeys("alice", 40)
		t.pickleAccount("alice", vectors.Bytes("full"))
		t.generateOneTimeKeys("alice", 1)
		t.generateOneTimeKeys("alice", 70)
		t.markPublished("alice")
		t.pickleAccount("alice", vectors.Bytes("full again"))
	})

	add("overflow_at_once", "150 keys in one call: the last 100 remain", func(t *transcript) {
		t.generateOneTimeKeys("alice", 150)
		t.reloadAccount("alice", vectors.Bytes("150"))
	})

	add("fallback", "life of the fallback keys; they share the one-time keys' counter of ids", func(t *transcript) {
		t.generateOneTimeKeys("alice", 2)
		t.forgetFallback("alice")
		t.markPublished("alice")
		t.generateFallback("alice")
		t.pickleAccount("alice", vectors.Bytes("one"))
		t.markPublished("alice")
		t.fallback("alice")
		t.pickleAccount("alice", vectors.Bytes("one, published"))
		t.forgetFallback("alice")
		t.fallback("alice")
		t.generateFallback("alice")
		t.pickleAccount("alice", vectors.Bytes("two"))
		t.generateOneTimeKeys("alice", 1)
		t.markPublished("alice")
		t.forgetFallback("alice")
		t.fallback("alice")
		t.reloadAccount("alice", vectors.Bytes("two"))
		t.fallback("alice")
		t.generateFallback("alice")
		t.generateFallback("alice")
		t.fallback("alice")
		t.reloadAccount("alice", vectors.Bytes("after four"))
		t.forgetFallback("alice")
		t.forgetFallback("alice")
		t.fallback("alice")
	})

	return file{
		Description: "Accounts: identity keys, one-time keys, fallback keys, signatures, pickles. Steps as in olm_sessions.json.",
		Cases:       cases,
	}
}
