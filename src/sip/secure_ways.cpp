#include "secure_ways.hpp"

namespace phyllo::sip {

bool came_insecurely(const message& request, const source& from) { return request.request_uri().secure() && !secure(from.by); }

std::string retargeted(const uri& contact, bool sips) {
  if (contact.secure() == sips || !contact.is_sip()) return contact.text();
  auto u = contact;
  u.scheme = sips ? "sips" : "sip";
  const auto transport = u.parameter("transport");
  const bool websocket = transport && equal_ignoring_case(*transport, "ws");  // of a sips URI: a secure one (RFC 7118 s.5.2.1)
  if (!websocket) u.remove_parameter("transport");
  if (!websocket && !sips) u.set_parameter("transport", "tls");
  return u.text();
}

void keep_secure(std::vector<fork_target>& targets, bool sips) {
  for (auto& t : targets) {
    std::erase_if(t.ways, [&](const fork_way& w) { return (sips || w.secure) && !secure(w.to.by); });
  }
  std::erase_if(targets, [](const fork_target& t) { return t.ways.empty(); });
}

void add_sips_warning(message& response, std::string_view agent) {
  (void)response.add_header("Warning", "380 " + std::string(agent) + " \"SIPS Not Allowed\"");
}

}  // namespace phyllo::sip
