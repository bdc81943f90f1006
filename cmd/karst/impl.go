package main

// implementations says which of its bodies each primitive runs here.
func implementations() [][2]string {
	return [][2]string{{"AES", aesCode()}, {"SHA-2", sha2Code}, {"curves", curveCode}}
}
