// What phones say in calls: INVITE with credentials, ACK, and requests within the dialog.
#pragma once

#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "sip_ring.hpp"

namespace phyllo::testing {

inline void acknowledge(phone& p, const sip::message& response, const sip::message& invite, const std::string& to) {
  auto ack = sip::message::request("ACK", invite.request_uri().text(), "<sip:" + p.user() + "@example.com>;tag=" + p.user(),
                                   "<" + invite.to().uri.text() + ">;tag=" + std::string(response.to().tag), response.call_id(),
                                   response.cseq().number)
                 .value();
  const auto via = *top_via(invite);
  push_via(ack, "UDP", p.at(), via.branch);
  p.send(ack, to);
}

// Sends the INVITE, answers the challenge; the second INVITE.
inline core::awaitable<sip::message> invites(phone& p, const std::string& callee, const std::string& to, const std::string& call_id,
                                             std::string contact = {}) {
  const auto uri = "sip:" + callee;
  auto first = p.make("INVITE", uri, "<" + uri + ">", 1, call_id);
  p.send(first, to);
  const auto challenge = co_await p.hear_status(407);
  acknowledge(p, challenge, first, to);
  auto second = p.make("INVITE", uri, "<" + uri + ">", 2, call_id);
  if (!contact.empty()) {
    second.remove_headers("Contact");
    REQUIRE(second.add_header("Contact", contact).has_value());
  }
  p.authorize(second, challenge);
  p.send(second, to);
  co_return second;
}

// A request within the dialog that `response` made, as the caller sends it.
inline sip::message within(phone& p, std::string_view method, const sip::message& response, std::uint32_t cseq) {
  auto m = p.make(method, response.contacts().at(0).uri.text(), "<" + response.to().uri.text() + ">;tag=" + std::string(response.to().tag),
                  cseq, std::string(response.call_id()));
  const auto rr = response.record_routes();
  for (auto r = rr.rbegin(); r != rr.rend(); ++r) append_route(m, "<" + r->uri.text() + ">");
  return m;
}
// The same from the callee, by the INVITE that he has had and the tag that he has answered with.
inline sip::message within_as_callee(phone& p, std::string_view method, const sip::message& invite, const std::string& tag) {
  auto m = p.make(method, invite.contacts().at(0).uri.text(), "<" + invite.from().uri.text() + ">;tag=" + std::string(invite.from().tag), 1,
                  std::string(invite.call_id()));
  m.remove_headers("From");
  REQUIRE(m.add_header("From", "<" + invite.to().uri.text() + ">;tag=" + tag).has_value());
  for (const auto& r : invite.record_routes()) append_route(m, "<" + r.uri.text() + ">");
  return m;
}
inline std::string first_hop(const sip::message& m) {
  const auto r = first_route(m);
  REQUIRE(r.has_value());
  return r->uri.host + ":" + std::to_string(r->uri.port.value_or(5060));
}

}  // namespace phyllo::testing
