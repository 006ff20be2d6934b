// STUN and ChannelData out of a stream: what is cut out does not depend on how the stream was torn, and stays within bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/stun/framing.hpp"

using namespace phyllo;

namespace {

core::bytes cut(core::byte_view input, std::size_t step) {
  stun::framing f;
  core::bytes out;
  for (std::size_t at = 0; at < input.size(); at += step) {
    f.feed(input.subspan(at, std::min(step, input.size() - at)));
    for (auto p = f.next(); p.what != stun::framing::event::need_more; p = f.next()) {
      out.push_back(static_cast<std::uint8_t>(p.what));
      core::append(out, p.data);
      if (p.data.size() > stun::framing::message_max) std::abort();
      if (p.what == stun::framing::event::broken) return out;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto whole = cut({data, size}, size + 1);
  if (cut({data, size}, 1) != whole || cut({data, size}, 5) != whole) std::abort();
  return 0;
}
