#include "message_door.hpp"

#include <array>
#include <utility>

#include "message_edit.hpp"
#include "too_large.hpp"

namespace phyllo::sip {
namespace {

constexpr std::array<std::pair<protocol, const char*>, 5> labels{
    {{protocol::udp, "udp"}, {protocol::tcp, "tcp"}, {protocol::tls, "tls"}, {protocol::ws, "ws"}, {protocol::wss, "wss"}}};

}  // namespace

message_door::message_door(sip_datagrams& datagrams, const transport_upward& upward, core::metrics& m, core::logger log)
    : datagrams_(datagrams), upward_(upward), metrics_(m), log_(std::move(log)) {
  for (const auto& [by, label] : labels)
    received_[by] = &metrics_.get_counter("phyllo_sip_messages_total", "SIP messages received, by transport.", {{"transport", label}});
}

// What is refused here costs a small part of what reading it would.
message_door::outcome message_door::deliver(core::byte_view data, framing f, const source& from, core::duration age) {
  const auto text = core::as_text(data);
  const auto entry = keeper_ == nullptr ? doorkeeper::entry::admitted : keeper_->enter(text, from, datagrams_.proven(from), age);
  if (entry == doorkeeper::entry::refused) return {delivered::nothing, keeper_->refusal_of(text)};
  if (entry == doorkeeper::entry::dropped) return {};
  auto m = message::parse(data, f);
  if (!m) {
    const bool too_large = m.error() == errc::too_large;
    metrics_.drop(too_large ? "sip_too_large" : "sip_malformed");
    log_.debug("from {}: {}", from.remote.text(), m.error().message());
    return {delivered::nothing, too_large ? refusal_of_too_large(text, from) : std::string()};
  }
  received_[from.by]->add();
  if (m->is_request() && from.by == protocol::udp && m->vias().size() > 1) datagrams_.ask_to_prove(from.remote);  // a proxy's
  if (m->is_request()) stamp_received(*m, from.remote);
  const auto what = m->is_request() && m->method() != method::ack ? delivered::request : delivered::response;
  upward_.message(std::move(*m), from);
  return {what};
}

std::string refusal_of_too_large(std::string_view begun, const source& from) {
  const auto answer = refuse_too_large(begun, from.remote);
  return answer ? answer->print() : std::string();
}

}  // namespace phyllo::sip
