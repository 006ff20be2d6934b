// Frames of a stream, what a receiver notes of them, fragments, and ACKs that a sender never asked for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/link/fragmentation.hpp"
#include "transport/link/frame_receiver.hpp"
#include "transport/link/frame_sender.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  static_cast<void>(transport::decode_frame(input));
  if (const auto m = transport::decode_move(input)) {
    if (transport::decode_move(transport::encode_move(*m))->state != m->state) std::abort();
  }
  transport::frame_splitter splitter(65536);
  transport::frame_receiver receiver;
  transport::reassembler reassembler(65536);
  transport::frame_sender sender({});
  core::time_point now{std::chrono::hours(1)};
  static_cast<void>(sender.submit({core::to_bytes("a"), core::to_bytes("b")}, 1));
  while (sender.next_frame(now)) {
  }
  for (std::size_t at = 0; at < size; at += 7) {  // torn anywhere
    splitter.feed(input.subspan(at, std::min<std::size_t>(7, size - at)));
    while (true) {
      const auto whole = splitter.next();
      if (!whole) return 0;
      if (!*whole) break;
      if (transport::is_move(**whole)) {
        const auto m = transport::decode_move(**whole);
        if (!m) std::abort();  // what the splitter cuts, the decoder reads
        sender.move(m->state, (size & 1) != 0, [](core::byte_view body) { return transport::fragment(body, 1187); });
        while (sender.next_frame(now)) {
        }
        continue;
      }
      const auto f = transport::decode_frame(**whole);
      if (!f) std::abort();  // what the splitter cuts, the decoder reads
      now += std::chrono::milliseconds(10);
      if (!f->data) sender.on_ack(*f, now);
      if (!f->data) continue;
      static_cast<void>(receiver.received(f->sequence));
      static_cast<void>(receiver.fresh(f->message, now));
      if (transport::is_fragment(f->message)) static_cast<void>(reassembler.add(f->message, now));
      if (reassembler.held_bytes() > transport::reassembler::bytes_max) std::abort();
      for (const auto& part : transport::fragment(f->message, 1187)) {
        if (part.size() > std::max<std::size_t>(1187, f->message.size())) std::abort();
      }
    }
  }
  return 0;
}
