package generate

import (
	"fmt"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

func megolmFile() file {
	var cases []*groupTranscript
	add := func(name, note string, run func(t *groupTranscript)) {
		t := newGroupTranscript(name, note)
		run(t)
		cases = append(cases, t.close())
	}

	add("in_order", "a new session, every plaintext length of interest, pickles", func(t *groupTranscript) {
		t.createOutbound("out")
		t.createInbound("in", t.sessionKey("out"))
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 255, 256, 1000, 5000} {
			t.decrypt("in", t.encrypt("out", t.rand.Bytes(n)))
		}
		t.sessionKey("out")
		for _, n := range []int{0, 1, 32, 64, 65, 200} {
			key := t.rand.Bytes(n)
			t.unpickleOutbound("out", key, t.pickleOutbound("out", key))
			t.reloadInbound("in", key)
			t.decrypt("in", t.encrypt("out", vectors.Bytes("after a reload")))
		}
	})

	add("out_of_order", "messages in any order, some twice; there is no protection against replay", func(t *groupTranscript) {
		t.createOutbound("out")
		t.createInbound("in", t.sessionKey("out"))
		var m []string
		for i := range 12 {
			m = append(m, t.encrypt("out", text("message %d", i)))
		}
		for _, i := range []int{3, 0, 1, 3, 7, 7, 2, 5, 11, 4, 0} {
			t.decrypt("in", m[i])
			if i == 7 {
				t.reloadInbound("in", vectors.Bytes("in the middle"))
			}
		}
	})

	add("late_joiner", "a session key shared at index 5 does not open what came before", func(t *groupTranscript) {
		t.createOutbound("out")
		var m []string
		for i := range 5 {
			m = append(m, t.encrypt("out", text("early %d", i)))
		}
		t.createInbound("in", t.sessionKey("out"))
		for i := range 5 {
			m = append(m, t.encrypt("out", text("late %d", i)))
		}
		for _, i := range []int{0, 4, 5, 9, 4, 6} {
			t.decrypt("in", m[i])
		}
		t.export("in", 4)
		t.export("in", 5)
		t.export("in", 9)
		t.export("in", 7)
	})

	add("import", "an imported session is not verified until it has decrypted a message", func(t *groupTranscript) {
		t.createOutbound("out")
		t.createInbound("in", t.sessionKey("out"))
		var m []string
		for i := range 8 {
			m = append(m, t.encrypt("out", text("message %d", i)))
		}
		t.decrypt("in", m[7])
		t.importInbound("from 3", t.export("in", 3))
		t.decrypt("from 3", m[2])
		t.reloadInbound("from 3", vectors.Bytes("not verified"))
		t.export("from 3", 2)
		t.export("from 3", 3)
		t.decrypt("from 3", m[5])
		t.reloadInbound("from 3", vectors.Bytes("verified"))
		t.importInbound("from 5", t.export("from 3", 5))
		t.decrypt("from 5", m[4])
		t.decrypt("from 5", m[5])
	})

	add("export_ahead", "an export at an index ahead moves libolm's cached ratchet", func(t *groupTranscript) {
		t.createOutbound("out")
		t.createInbound("in", t.sessionKey("out"))
		t.export("in", 1000)
		t.decrypt("in", t.encrypt("out", vectors.Bytes("message 0")))
		t.importInbound("from 1000", t.export("in", 1000))
		t.decrypt("from 1000", t.encrypt("out", vectors.Bytes("message 1")))
	})

	add("wrong_session", "a message of another session has a wrong signature", func(t *groupTranscript) {
		t.createOutbound("out")
		t.createOutbound("other")
		t.createInbound("in", t.sessionKey("out"))
		t.decrypt("in", t.encrypt("other", vectors.Bytes("not for this session")))
		t.decrypt("in", t.encrypt("out", vectors.Bytes("for this session")))
	})

	for _, b := range []struct {
		name  string
		index uint32
	}{
		{"2^8", 1 << 8}, {"2^16", 1 << 16}, {"2^16+2^8", 1<<16 + 1<<8}, {"2^24", 1 << 24}, {"2^25-1", 1<<25 - 1},
		{"2^31", 1 << 31}, {"2^32-2^24", 1<<32 - 1<<24}, {"2^32-1", 1<<32 - 1},
	} {
		add("around_"+b.name, "a session whose counter starts just below (the pickle is crafted)", func(t *groupTranscript) {
			key := vectors.Bytes("crafted")
			start := b.index - 2
			t.unpickleOutbound("out", key, outboundAt(t.rand.Bytes(160), start, key))
			sessionKey := t.sessionKey("out")
			t.createInbound("in", sessionKey)
			t.createInbound("jump", sessionKey)
			var m []string
			for i := range 3 {
				m = append(m, t.encrypt("out", text("message %d", i)))
				t.decrypt("in", m[i])
			}
			t.decrypt("jump", m[2])
			t.decrypt("jump", m[0])
			t.importInbound("imported", t.export("in", b.index-1))
			t.export("in", b.index)
			t.sessionKey("out")
			m = append(m, t.encrypt("out", vectors.Bytes("message 3")))
			needs := ""
			if b.index == 1<<32-1 {
				needs = vectors.NeedsWrap
			}
			t.decryptAs("imported", m[3], needs)
		})
	}

	add("far_jumps", "a session known from index 0 decrypts messages far ahead", func(t *groupTranscript) {
		key, r := vectors.Bytes("crafted"), t.rand.Bytes(160)
		t.unpickleOutbound("out", key, outboundAt(r, 0, key))
		sessionKey := t.sessionKey("out")
		for _, index := range []uint32{255, 256, 65535, 65536, 1<<24 - 1, 1 << 24, 0x01020304, 0x7fffffff, 0x80000000, 0xfffffffe} {
			in := fmt.Sprintf("in %d", index)
			t.createInbound(in, sessionKey)
			t.unpickleOutbound("out", key, outboundAt(r, index, key))
			needs := ""
			if index >= 1<<31 {
				needs = vectors.NeedsHalfRange // libolm takes such an index for one before the first
			}
			t.decryptAs(in, t.encrypt("out", text("far away")), needs)
		}
	})

	cases = append(cases, ratchetTable())

	return file{
		Description: "Megolm sessions, step by step with all random bytes, messages, keys and states; and a table of the ratchet at many indices.",
		Cases:       cases,
	}
}

// ratchetTable exports at many indices. libolm goes at most 2^31-1 ahead at once, so there are three
// imports on the way to the end; another implementation may do the same or go on from the first.
func ratchetTable() *groupTranscript {
	t := newGroupTranscript("ratchet_table", "the ratchet of one session from index 0 to 2^32-1; the states don't matter here")
	t.createOutbound("out")
	t.createInbound("in", t.sessionKey("out"))
	session := "in"
	rows := []uint32{
		0, 1, 2, 3, 127, 128, 254, 255, 256, 257, 511, 512, 1000, 4096, 65279, 65280, 65535, 65536, 65537, 65791, 65792, 100000,
		131071, 131072, 1 << 20, 0xfeffff, 0xff0000, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<24 + 255, 1<<24 + 256, 1<<24 + 65536,
		1 << 25, 0x01020304, 0x12345678, 0x40000000, 0x7f000000, 0x7fffff00, 0x7fffffff,
		0x80000000, 0x80000001, 0x9abcdef0, 0xc0000000, 0xdeadbeef, 0xfeffffff, 0xff000000, 0xffff0000, 0xffffff00, 0xfffffffe,
		0xffffffff,
	}
	for _, index := range rows {
		exported := must(t.in[session].Export(index))
		t.add(vectors.GroupStep{Op: "export", Session: session, Index: of(index), Expect: vectors.OK, Exported: exported})
		switch index {
		case 0x7fffffff, 0xfffffffe:
			session = "in " + fmt.Sprint(index)
			t.in[session] = must(libolm.ImportInboundGroup(exported))
			t.add(vectors.GroupStep{Op: "import", Session: session, Exported: exported, Expect: vectors.OK, Index: of(index)})
		}
	}
	return t.close()
}

// ratchetAt advances the ratchet of an outbound session made from r, by libolm's own export.
func ratchetAt(r vectors.Bytes, index uint32) vectors.Bytes {
	out := must(libolm.NewOutboundGroup(r))
	defer out.Free()
	in := must(libolm.NewInboundGroup(out.Key()))
	defer in.Free()
	for _, step := range []uint32{0x7fffffff, 0xfffffffe} {
		if index > step {
			must(in.Export(step))
		}
	}
	exported := must(reference.Base64.DecodeString(must(in.Export(index))))
	return exported[5 : 5+128]
}

// outboundAt crafts the pickle of the session made from r with its counter at index.
func outboundAt(r vectors.Bytes, index uint32, key vectors.Bytes) string {
	out := must(libolm.NewOutboundGroup(r))
	defer out.Free()
	raw := openPickle(key, out.Pickle(key))
	crafted := append(u32(nil, 1), ratchetAt(r, index)...)
	crafted = append(u32(crafted, index), raw[4+128+4:]...)
	return reference.SealPickle(key, crafted)
}
