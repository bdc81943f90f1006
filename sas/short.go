package sas

// Bytes is the short string that two people compare, in either of its two forms.
type Bytes [6]byte

// EmojiIndices returns the emoji form as indices: the first 42 bits in groups of 6.
func (b Bytes) EmojiIndices() (indices [7]uint8) {
	x := uint64(b[0])<<40 | uint64(b[1])<<32 | uint64(b[2])<<24 | uint64(b[3])<<16 | uint64(b[4])<<8 | uint64(b[5])
	for i := range indices {
		indices[i] = uint8(x >> (42 - 6*i) & 63)
	}
	return indices
}

// Emoji returns the emoji form.
func (b Bytes) Emoji() (emoji [7]Emoji) {
	for i, index := range b.EmojiIndices() {
		emoji[i] = emojis[index]
	}
	return emoji
}

// Decimals returns the form of three numbers from 1000 to 9191: the first 39 bits in groups of 13.
func (b Bytes) Decimals() (numbers [3]uint16) {
	x := uint64(b[0])<<32 | uint64(b[1])<<24 | uint64(b[2])<<16 | uint64(b[3])<<8 | uint64(b[4])
	for i := range numbers {
		numbers[i] = uint16(x>>(27-13*i)&0x1fff) + 1000
	}
	return numbers
}

// Emoji is one of the 64 symbols of the emoji form.
type Emoji struct {
	Symbol string
	Name   string // in English
}

// String returns the symbol and the name.
func (e Emoji) String() string { return e.Symbol + " " + e.Name }

// Emojis returns all 64 symbols in the order of their indices (Matrix client-server API, "SAS
// method: emoji").
func Emojis() [64]Emoji { return emojis }

var emojis = [64]Emoji{
	{"🐶", "Dog"}, {"🐱", "Cat"}, {"🦁", "Lion"}, {"🐎", "Horse"},
	{"🦄", "Unicorn"}, {"🐷", "Pig"}, {"🐘", "Elephant"}, {"🐰", "Rabbit"},
	{"🐼", "Panda"}, {"🐓", "Rooster"}, {"🐧", "Penguin"}, {"🐢", "Turtle"},
	{"🐟", "Fish"}, {"🐙", "Octopus"}, {"🦋", "Butterfly"}, {"🌷", "Flower"},
	{"🌳", "Tree"}, {"🌵", "Cactus"}, {"🍄", "Mushroom"}, {"🌏", "Globe"},
	{"🌙", "Moon"}, {"☁️", "Cloud"}, {"🔥", "Fire"}, {"🍌", "Banana"},
	{"🍎", "Apple"}, {"🍓", "Strawberry"}, {"🌽", "Corn"}, {"🍕", "Pizza"},
	{"🎂", "Cake"}, {"❤️", "Heart"}, {"😀", "Smiley"}, {"🤖", "Robot"},
	{"🎩", "Hat"}, {"👓", "Glasses"}, {"🔧", "Spanner"}, {"🎅", "Santa"},
	{"👍", "Thumbs Up"}, {"☂️", "Umbrella"}, {"⌛", "Hourglass"}, {"⏰", "Clock"},
	{"🎁", "Gift"}, {"💡", "Light Bulb"}, {"📕", "Book"}, {"✏️", "Pencil"},
	{"📎", "Paperclip"}, {"✂️", "Scissors"}, {"🔒", "Lock"}, {"🔑", "Key"},
	{"🔨", "Hammer"}, {"☎️", "Telephone"}, {"🏁", "Flag"}, {"🚂", "Train"},
	{"🚲", "Bicycle"}, {"✈️", "Aeroplane"}, {"🚀", "Rocket"}, {"🏆", "Trophy"},
	{"⚽", "Ball"}, {"🎸", "Guitar"}, {"🎺", "Trumpet"}, {"🔔", "Bell"},
	{"⚓", "Anchor"}, {"🎧", "Headphones"}, {"📁", "Folder"}, {"📌", "Pin"},
}
