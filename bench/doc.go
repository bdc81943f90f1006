// Package bench measures what users wait for: whole operations on accounts, sessions and groups, by
// name and size.
//
//	go test -bench . ./bench
//
// Each iteration is the work of one side. Before and after a change, compare with benchstat.
package bench
