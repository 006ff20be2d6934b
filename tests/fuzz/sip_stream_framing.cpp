// A stream of SIP messages and keep-alives: cut the same however it arrives, and never buffered beyond the limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sip/stream_framing.hpp"

namespace {

using namespace phyllo;
using event = sip::stream_framing::event;

// All frames as one text. The first octet of the input says in what pieces the rest arrives.
std::string frames(core::byte_view stream, std::size_t piece) {
  sip::stream_framing f;
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    f.feed(stream.subspan(at, std::min(piece, stream.size() - at)));
    for (auto frame = f.next(); frame.what != event::need_more; frame = f.next()) {
      if (frame.what == event::broken) return out + "broken";
      if (frame.what == event::too_large) return out + "too large";
      out += std::to_string(static_cast<int>(frame.what));
      if (frame.what == event::message) out += frame.text;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const core::byte_view stream(data + 1, size - 1);
  const std::size_t piece = data[0] + std::size_t{1};
  if (frames(stream, piece) != frames(stream, 256 + piece)) std::abort();
  return 0;
}
