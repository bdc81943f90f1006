package main

import (
	"fmt"
	"time"
)

// operation is something whose time is taken.
type operation int

const (
	opAccount operation = iota
	opOneTimeKey
	opSign
	opVerify
	opOlmOutbound
	opOlmAccept
	opOlmEncrypt
	opOlmDecrypt
	opMegolmNew
	opMegolmImport
	opMegolmEncrypt
	opMegolmDecrypt
	opPickle
	opUnpickle
	opSAS
	operations
)

var operationNames = [operations]string{
	opAccount:       "make an account",
	opOneTimeKey:    "make a one-time key",
	opSign:          "sign a key",
	opVerify:        "check a signature",
	opOlmOutbound:   "Olm: begin a session",
	opOlmAccept:     "Olm: accept one, with its message",
	opOlmEncrypt:    "Olm: encrypt",
	opOlmDecrypt:    "Olm: decrypt",
	opMegolmNew:     "Megolm: begin a session",
	opMegolmImport:  "Megolm: take a session key",
	opMegolmEncrypt: "Megolm: encrypt",
	opMegolmDecrypt: "Megolm: decrypt",
	opPickle:        "pickle",
	opUnpickle:      "unpickle",
	opSAS:           "emoji: agree on a secret",
}

// rateFrom is the mean size, in bytes, from which on a rate says something: below it, what an operation
// costs whatever the size prevails.
const rateFrom = 4 << 10

// times are the times taken.
type times [operations]struct {
	count int
	bytes int64 // of plaintext, where that is what the operation is about
	total time.Duration
}

// add adds n operations that began at begin and end now.
func (t *times) add(op operation, n int, begin time.Time, bytes int) {
	row := &t[op]
	row.total += time.Since(begin)
	row.count += n
	row.bytes += int64(bytes)
}

func (t *times) table() table {
	tab := table{head: []string{"operation", " count", " total", " each", " MB/s"}}
	for op, row := range t {
		if row.count == 0 {
			continue
		}
		rate := ""
		if row.total > 0 && row.bytes >= int64(row.count)*rateFrom {
			rate = fmt.Sprintf("%.1f", float64(row.bytes)/1e6/row.total.Seconds())
		}
		each := row.total / time.Duration(row.count)
		tab.add(operationNames[op], comma(row.count), duration(row.total), duration(each), rate)
	}
	return tab
}

// duration writes d with three digits.
func duration(d time.Duration) string {
	unit, name := time.Second, "s"
	switch {
	case d < time.Millisecond:
		unit, name = time.Microsecond, "µs"
	case d < time.Second:
		unit, name = time.Millisecond, "ms"
	}
	value, digits := float64(d)/float64(unit), 2
	switch {
	case value >= 100:
		digits = 0
	case value >= 10:
		digits = 1
	}
	return fmt.Sprintf("%.*f %s", digits, value, name)
}
