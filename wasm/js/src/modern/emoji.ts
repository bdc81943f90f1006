/** An emoji, and what to call it. */
export interface SasEmoji {
	/** The emoji. */
	readonly emoji: string;
	/** Its name in Matrix's table. */
	readonly name: string;
}

/** Matrix's table, in its order. */
export const emojiTable: readonly SasEmoji[] =
	[
		"🐶 Dog", "🐱 Cat", "🦁 Lion", "🐎 Horse",
		"🦄 Unicorn", "🐷 Pig", "🐘 Elephant", "🐰 Rabbit",
		"🐼 Panda", "🐓 Rooster", "🐧 Penguin", "🐢 Turtle",
		"🐟 Fish", "🐙 Octopus", "🦋 Butterfly", "🌷 Flower",
		"🌳 Tree", "🌵 Cactus", "🍄 Mushroom", "🌏 Globe",
		"🌙 Moon", "☁️ Cloud", "🔥 Fire", "🍌 Banana",
		"🍎 Apple", "🍓 Strawberry", "🌽 Corn", "🍕 Pizza",
		"🎂 Cake", "❤️ Heart", "😀 Smiley", "🤖 Robot",
		"🎩 Hat", "👓 Glasses", "🔧 Spanner", "🎅 Santa",
		"👍 Thumbs Up", "☂️ Umbrella", "⌛ Hourglass", "⏰ Clock",
		"🎁 Gift", "💡 Light Bulb", "📕 Book", "✏️ Pencil",
		"📎 Paperclip", "✂️ Scissors", "🔒 Lock", "🔑 Key",
		"🔨 Hammer", "☎️ Telephone", "🏁 Flag", "🚂 Train",
		"🚲 Bicycle", "✈️ Aeroplane", "🚀 Rocket", "🏆 Trophy",
		"⚽ Ball", "🎸 Guitar", "🎺 Trumpet", "🔔 Bell",
		"⚓ Anchor", "🎧 Headphones", "📁 Folder", "📌 Pin",
	].map((entry) => {
		const space = entry.indexOf(" ");
		return { emoji: entry.slice(0, space), name: entry.slice(space + 1) };
	});
