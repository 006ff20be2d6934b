#include "http/websocket_engine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t frame_cost = 128;  // wslay allocates twice for each

// Some errors wslay answers by a close frame without a code: "1002 indicates that an endpoint is terminating the connection due to a
// protocol error" (RFC 6455 s.7.4.1).
void give_reason(core::bytes& output) {
  constexpr std::array<std::uint8_t, 2> bare_close{0x88, 0x00};
  constexpr std::array<std::uint8_t, 4> protocol_error{0x88, 0x02, 0x03, 0xea};
  if (output.size() < bare_close.size() || !core::equal(core::byte_view(output).last(bare_close.size()), bare_close)) return;
  output.resize(output.size() - bare_close.size());
  core::append(output, protocol_error);
}

}  // namespace

websocket_engine::websocket_engine(std::size_t message_bytes_max) {
  wslay_event_context* c = nullptr;
  if (wslay_event_context_server_init(&c, &callbacks(), this) != 0) throw std::bad_alloc();
  context_.reset(c);
  wslay_event_config_set_max_recv_msg_length(c, message_bytes_max);
}

const wslay_event_callbacks& websocket_engine::callbacks() {
  static const wslay_event_callbacks table = [] {
    wslay_event_callbacks t{};
    t.recv_callback = [](wslay_event_context* c, std::uint8_t* to, std::size_t size, int, void* data) -> ssize_t {
      auto& input = of(data).input_;
      if (input.empty()) {
        wslay_event_set_error(c, WSLAY_ERR_WOULDBLOCK);
        return -1;
      }
      const auto n = std::min(size, input.size());
      std::copy_n(input.begin(), n, to);
      input = input.subspan(n);
      return static_cast<ssize_t>(n);
    };
    t.send_callback = [](wslay_event_context*, const std::uint8_t* from, std::size_t size, int, void* data) -> ssize_t {
      core::append(of(data).output_, core::byte_view(from, size));
      return static_cast<ssize_t>(size);
    };
    t.on_frame_recv_start_callback = [](wslay_event_context*, const wslay_event_on_frame_recv_start_arg* f, void* data) {
      if (!wslay_is_ctrl_frame(f->opcode)) of(data).unfinished_ += f->payload_length + frame_cost;
      // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer" (s.5.5.1): wslay lets one byte pass.
      if (f->opcode == WSLAY_CONNECTION_CLOSE && f->payload_length == 1) of(data).half_code_ = true;
    };
    t.on_msg_recv_callback = [](wslay_event_context*, const wslay_event_on_msg_recv_arg* m, void* data) {
      if (wslay_is_ctrl_frame(m->opcode)) return;
      of(data).unfinished_ = 0;
      of(data).messages_.emplace_back(core::as_text({m->msg, m->msg_length}));
    };
    return t;
  }();
  return table;
}

core::status websocket_engine::feed(core::byte_view data) {
  input_ = data;
  const int read = wslay_event_recv(context_.get());
  input_ = {};
  pump();
  const bool broken = read != 0 || half_code_;
  if (broken) give_reason(output_);
  if (broken) return core::fail(errc::closed, "the peer breaks the WebSocket protocol");
  if (wslay_event_get_read_enabled(context_.get()) == 0) return core::fail(errc::closed, "the peer closed the WebSocket");
  return {};
}

std::string websocket_engine::take_message() {
  auto out = std::move(messages_.front());
  messages_.pop_front();
  return out;
}

void websocket_engine::send(core::byte_view text) {
  const wslay_event_msg m{WSLAY_TEXT_FRAME, text.data(), text.size()};
  static_cast<void>(wslay_event_queue_msg(context_.get(), &m));  // refused once closing: then nobody listens
  pump();
}

void websocket_engine::close() {
  static_cast<void>(wslay_event_queue_close(context_.get(), WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0));
  pump();
}

// wslay writes into memory, so it writes all.
void websocket_engine::pump() {
  if (wslay_event_want_write(context_.get()) != 0) static_cast<void>(wslay_event_send(context_.get()));
}

core::bytes websocket_engine::take_output() { return std::exchange(output_, {}); }

}  // namespace phyllo::transport
