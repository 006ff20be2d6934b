#include "way_knowledge.hpp"

#include <cmath>
#include <utility>

#include "message_fields.hpp"

namespace phyllo::sip {

bool way_knowledge::sent(const fork_way& w, client_id id) {
  if (!w.to.node) return false;
  const auto before = memory_.next_time();
  memory_.sent({*w.to.node, w.to.at, w.to.authority}, std::to_underlying(id), parts_.env.now());
  return memory_.next_time() < before;
}

void way_knowledge::heard_response(const source& from, const message& response) {
  heard(from);
  if (!from.peer) return;
  if (const auto report = read_report(top_via_text(response))) loads_.heard(from.peer->node(), *report, parts_.env.now());
}

// RFC 7339 s.5.10.1: what goes on in a dialog is sent all the same.
bool way_knowledge::holds_back(proxy_context& c, const fork_way& w) {
  if (c.in_dialog || !w.to.node) return false;
  const double wanted = loads_.wanted(*w.to.node, parts_.env.now());
  if (wanted >= 1 || std::ldexp(static_cast<double>(core::random_u64(parts_.env)), -64) < wanted) return false;
  parts_.metrics.drop("sip_overload_neighbour");
  return c.held_back = true;
}

// The phone hears what is sent by this way; of those that it was asked by straight at the same time it has heard nothing.
void way_knowledge::answered(const proxy_context& c, std::size_t branch, int status) {
  if (c.answered || c.forked.targets.empty()) return;
  const auto& a = c.forked.attempts.at(branch);
  const auto& ways = c.forked.targets.at(a.target).ways;
  if (ways.at(a.way).direct) return memory_.answered(ways.at(a.way).to.at);
  if (status == 100) return;  // the next hop's own
  for (std::size_t i = 0; i < c.forked.attempts.size(); ++i) {
    const auto& other = c.forked.attempts[i];
    if (other.target != a.target || c.forked.clients[i] == client_id::none || c.forked.responses->provisional(i)) continue;
    const auto& way = ways.at(other.way);
    if (way.direct && way.flow == ways.at(a.way).flow) memory_.silent(way.to.at, parts_.env.now());
  }
}

// An OPTIONS for the node itself (RFC 3261 s.11), which it answers whatever it has to do.
void way_knowledge::ask(const node_way& n) {
  const auto token = core::random_u64(parts_.env);
  const auto uri = "sip:" + n.at.text();
  const auto self = "<sip:" + parts_.own.addresses.front() + ">;tag=" + fmt::format("{:x}", token);
  auto m = message::request("OPTIONS", uri, self, "<" + uri + ">", fmt::format("{:x}-alive", token), 1);
  if (!m) return;
  dialog_end end;
  end.node = n;
  end.over.by = protocol::tls;
  static_cast<void>(parts_.transactions.send_request(std::move(*m), end.to()));
}

std::vector<std::uint64_t> way_knowledge::on_time() {
  auto s = memory_.on_time(parts_.env.now());
  for (const auto& n : s.ask) ask(n);
  for (const auto& n : s.gone) log_.info("node {} does not answer", n.hex());
  return std::move(s.in_vain);
}

}  // namespace phyllo::sip
