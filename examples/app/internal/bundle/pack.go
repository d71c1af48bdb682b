package bundle

// pack writes bytes as text for an element of a page: seven bits a character, which is
// a byte of UTF-8, where base64 has six. The three characters that a page would take
// for something else stand, together with the next seven bits, as one character of two
// bytes. engine.js has the way back.
func pack(b []byte) string {
	out := make([]byte, 0, len(b)*8/7+2)
	held := -1 // the number of a special one that waits for its next
	put := func(s byte) {
		if held >= 0 {
			r := rune(0x80 + held<<7 + int(s))
			out = append(out, byte(0xC0|r>>6), byte(0x80|r&0x3F))
			held = -1
			return
		}
		for i, special := range specials {
			if s == special {
				held = i
				return
			}
		}
		out = append(out, s)
	}
	bits, n := 0, 0
	for _, x := range b {
		bits, n = bits<<8|int(x), n+8
		for n >= 7 {
			n -= 7
			put(byte(bits >> n & 0x7F))
		}
		bits &= 1<<n - 1
	}
	put(byte(bits << (7 - n) & 0x7F)) // the rest, with zeros behind it
	if held >= 0 {
		put(0)
	}
	return string(out)
}

// specials are characters that a page does not keep as they are, or that begin a tag.
var specials = [...]byte{0, '\r', '<'}
