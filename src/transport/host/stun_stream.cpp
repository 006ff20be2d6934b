#include "host/stun_stream.hpp"

#include <array>

#include "phyllo/stun/binding.hpp"
#include "phyllo/stun/framing.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration idle_timeout = std::chrono::seconds(60);
constexpr core::duration write_timeout = std::chrono::seconds(10);

// What one message is answered; nothing: it is counted, or needs no answer.
core::bytes answer(host_state& state, const endpoint& from, core::byte_view data) {
  const auto m = stun::message::decode(data);
  if (!m) {
    state.metrics.drop("stun_malformed");
  } else if (stun::is_turn(stun::method_of(static_cast<std::uint16_t>(m->type)))) {
    state.metrics.drop("turn_unserved");
  } else if (m->type == stun::message_type::binding_request) {
    return stun::answer_binding(*m, from, std::nullopt);
  }
  return {};
}

// The answers to all that is whole by now; false: the stream is broken.
bool take_pieces(host_state& state, const endpoint& from, stun::framing& framing, core::bytes& answers) {
  while (true) {  // ends when nothing is whole
    const auto piece = framing.next();
    switch (piece.what) {
      case stun::framing::event::need_more: return true;
      case stun::framing::event::message: core::append(answers, answer(state, from, piece.data)); break;
      case stun::framing::event::channel_data: state.metrics.drop("turn_unserved"); break;
      case stun::framing::event::broken: state.metrics.drop("stun_malformed"); return false;
    }
  }
}

}  // namespace

core::awaitable<void> serve_stun(host_state& state, std::unique_ptr<stream> s) {
  stun::framing framing;
  const auto from = s->remote();
  bool sound = true;
  while (sound) {                           // ends when the client hangs up, idles, or breaks the protocol
    std::array<std::uint8_t, 2048> buffer;  // NOLINT: filled by read
    const auto n = co_await s->read(buffer, state.env.now() + idle_timeout);
    if (!n) co_return;
    framing.feed(core::byte_view(buffer).first(*n));
    core::bytes answers;
    sound = take_pieces(state, from, framing, answers);
    if (answers.empty()) continue;
    const auto written = co_await s->write(answers, state.env.now() + write_timeout);
    if (!written) co_return;
  }
}

}  // namespace phyllo::transport
