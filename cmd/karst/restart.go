package main

import (
	"fmt"
	"time"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// pickled is one pickle, as it would be stored.
type pickled struct {
	owner, what string
	bytes       int
}

// pickles are what the restart was about, kept until it is told.
type pickles struct {
	sizes     []pickled
	delivered int
	of        int
}

// restart pickles and wipes everything that the three have, and brings it back from the pickles alone.
func (d *demo) restart(delivered, of int) error {
	d.restarted = true
	d.stored.delivered, d.stored.of = delivered, of
	for _, v := range []*device{d.alice, d.bob, d.carol} {
		if err := d.restartDevice(v); err != nil {
			return fmt.Errorf("%s comes back from a pickle: %w", v.name, err)
		}
	}
	return nil
}

func (d *demo) restartDevice(v *device) (err error) {
	if v.account, err = throughPickle(d, v, "account", v.account, olm.UnpickleAccount); err != nil {
		return err
	}
	if v.olm, err = throughPickle(d, v, "Olm session", v.olm, olm.UnpickleSession); err != nil {
		return err
	}
	if v.second != nil {
		if v.second, err = throughPickle(d, v, "Olm session", v.second, olm.UnpickleSession); err != nil {
			return err
		}
	}
	if v.sending != nil {
		if v.sending, err = throughPickle(d, v, "Megolm session, to send", v.sending, megolm.UnpickleOutboundSession); err != nil {
			return err
		}
	}
	if v.room != nil {
		if v.room, err = throughPickle(d, v, "Megolm session, to read", v.room, megolm.UnpickleInboundSession); err != nil {
			return err
		}
	}
	return nil
}

// throughPickle returns what comes back when x is pickled, wiped, and unpickled.
func throughPickle[T interface {
	Pickle(key []byte) ([]byte, error)
	Wipe()
}](d *demo, v *device, what string, x T, unpickle func(key, pickled []byte) (T, error)) (T, error) {
	begin := time.Now()
	text, err := x.Pickle(v.pickleKey)
	if err != nil {
		return x, err
	}
	d.times.add(opPickle, 1, begin, 0)
	x.Wipe()
	d.stored.sizes = append(d.stored.sizes, pickled{owner: v.name, what: what, bytes: len(text)})
	begin = time.Now()
	back, err := unpickle(v.pickleKey, text)
	if err != nil {
		return x, err
	}
	d.times.add(opUnpickle, 1, begin, 0)
	return back, nil
}

func (d *demo) tellRestart() {
	when := "before the first of them arrived"
	if d.stored.delivered > 0 {
		when = fmt.Sprintf("when %d of the first %d had arrived", d.stored.delivered, d.stored.of)
	}
	d.p.say("In the middle, %s, all three stopped: what they know went into pickles, encrypted, and came back from there.", when)
	tab := table{head: []string{"whose", "pickle of", " bytes"}}
	for _, one := range d.stored.sizes {
		tab.add(one.owner, one.what, comma(one.bytes))
	}
	d.p.table(tab)
}
