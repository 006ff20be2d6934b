// A WebSocket client's bytes, torn anywhere: the messages do not depend on it and stay within their bound; and handshakes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "phyllo/transport/websocket.hpp"
#include "transport/http/websocket_engine.hpp"

using namespace phyllo;

namespace {

constexpr std::size_t message_max = 512;

std::vector<std::string> read(core::byte_view input, std::size_t step) {
  transport::websocket_engine e(message_max);
  std::vector<std::string> out;
  core::status open;
  for (std::size_t at = 0; at < input.size() && open; at += step) {
    open = e.feed(input.subspan(at, std::min(step, input.size() - at)));
    while (e.has_message()) {
      out.push_back(e.take_message());
      if (out.back().size() > message_max) std::abort();
    }
  }
  e.send(core::as_bytes("answer"));
  static_cast<void>(e.take_output());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  const auto whole = read(input, size + 1);
  if (read(input, 1) != whole || read(input, 9) != whole) std::abort();
  transport::http_request r;
  const std::string text(core::as_text(input));
  for (const auto* name : {"upgrade", "connection", "sec-websocket-key", "sec-websocket-protocol", "origin"}) r.headers[name] = text;
  r.headers["sec-websocket-version"] = "13";
  transport::websocket_options o;
  o.protocol = "sip";
  static_cast<void>(transport::asks_for_websocket(r));
  static_cast<void>(transport::answer_websocket(r, o));
  return 0;
}
