// What a server sends on a WebSocket, in two pieces: the handshake's answer and frames. Memory is bounded, and the end is final.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/bytes.hpp"
#include "websocket_client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  using event = load::websocket_client::event;
  load::websocket_client c("h", "/", {});
  c.feed("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n");
  if (c.next().what != event::opened) std::abort();
  const auto text = core::as_text({data, size});
  bool closed = false;
  for (const auto part : {text.substr(0, size / 2), text.substr(size / 2)}) {
    c.feed(part);
    auto p = c.next();
    for (; p.what == event::message; p = c.next()) {
      if (closed || p.text.size() > load::websocket_client::message_bytes_max) std::abort();
    }
    if (closed && p.what != event::closed) std::abort();
    closed = p.what == event::closed;
  }
  return 0;
}
