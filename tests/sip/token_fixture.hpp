// Keys, ends and messages for tests of tokens and of who may speak in a dialog.
#pragma once

#include <doctest.h>

#include <string>

#include "sip/dialog_authority.hpp"

namespace phyllo::testing {

inline const core::wall_time noon = core::from_unix_milliseconds(1'767'225'600'000);
constexpr std::uint32_t noon_s = 1'767'225'600;

inline identity::domain_keyring ring_of_keys(std::uint32_t first, std::uint32_t last) {
  identity::domain_keyring out;
  for (auto g = first; g <= last; ++g) {
    const auto filled = static_cast<std::uint8_t>(g);
    out.add("example.com", g, {core::bytes(32, filled), core::bytes(32, filled)});
  }
  return out;
}

inline identity::node_id node(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(n);
  return id;
}

inline transport::endpoint at(const char* text) { return transport::endpoint::parse(text).value(); }

inline sip::source from(const char* address, sip::protocol by = sip::protocol::udp, std::uint64_t id = 0) {
  sip::source s;
  s.by = by;
  s.remote = at(address);
  s.local = at("192.0.2.1:5060");
  s.flow = static_cast<sip::flow_id>(id);
  return s;
}

struct bare_certificate final : identity::certificate_content {
  [[nodiscard]] core::status verify(std::uint8_t, std::uint8_t, core::byte_view, core::byte_view) const override { return {}; }
};

// As it comes by phyllo-sip from that node.
inline sip::source from_node(std::uint8_t n, std::vector<std::string> authority_for) {
  auto content = std::make_shared<bare_certificate>();
  content->node = node(n);
  content->domains = std::move(authority_for);
  auto s = from("203.0.113.9:40000", sip::protocol::tls, 77);
  s.peer = std::make_shared<const identity::certificate>(content);
  return s;
}

inline sip::dialog_end phone_at(const char* address, sip::protocol by = sip::protocol::udp, std::uint64_t id = 0) {
  sip::dialog_end e;
  e.over = flow_of(from(address, by, id));
  return e;
}

inline sip::dialog_end on_node(std::uint8_t n, const char* address) {
  sip::dialog_end e;
  e.node = sip::node_way{node(n), at(address)};
  e.over.by = sip::protocol::tls;
  return e;
}

// Of the call "call-1", begun with tag "a".
inline sip::dialog_token token_of(sip::dialog_end caller, sip::dialog_end callee) {
  sip::dialog_token t;
  t.ends = noon_s + 3600;
  t.dialog = sip::dialog_hash("call-1", "a");
  t.made_by = sip::node_hash(node(1));
  t.caller = std::move(caller);
  t.callee = std::move(callee);
  t.domain = "example.com";
  return t;
}

inline sip::message in_dialog(const char* from_tag, const char* to_tag, const char* call_id = "call-1") {
  return sip::message::request("BYE", "sip:x@192.0.2.77", std::string("<sip:alice@example.com>") + (*from_tag ? ";tag=" : "") + from_tag,
                               std::string("<sip:bob@example.com>") + (*to_tag ? ";tag=" : "") + to_tag, call_id, 2)
      .value();
}

}  // namespace phyllo::testing
