package main

import "slices"

// mutations returns the whole table. The order is that of the layers, from the primitives up.
func mutations() []mutation {
	return slices.Concat(primitives(), formats(), ratchets(), engine(), surfaces(), secrecy(), timing())
}

// changes are those of one file: what goes wrong, the text, and what replaces it.
type changes [][3]string

func in(file string, gates []string, all changes) []mutation {
	var list []mutation
	for _, c := range all {
		list = append(list, mutation{name: c[0], file: file, old: c[1], new: c[2], gates: gates})
	}
	return list
}
