// Package bench has what is measured: whole operations on accounts, sessions and groups, those that users
// wait for, in one table.
//
//	go test -bench . ./bench
//
// runs them all; before and after a change, compare with benchstat. The programs in bench/compare run the
// same table beside other libraries.
//
// Each iteration is the work of one side. Messages, keys and pickles are base64, as they are in events and
// databases, and so is what comes out; the rows named raw are bytes in and out, into memory that is there.
// Sessions are what unpickling makes of them, as in a program that keeps them in a database. Nothing is wiped
// in the measured time: that is what the collector is for, unless a program chooses otherwise.
package bench
