#include "link/ladder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

namespace phyllo::transport {
namespace {

constexpr std::array<std::string_view, rungs> names{"dtls", "tls", "https", "upgrade", "proxy-https", "proxy-tls", "proxy-upgrade"};

struct host_candidates {
  asio::ip::address address;
  std::vector<endpoint> dtls, tls;
};

std::vector<host_candidates> by_host(const std::vector<candidate>& to) {
  std::vector<host_candidates> out;
  for (std::size_t i = 0; i < std::min(to.size(), candidates_max); ++i) {
    const auto& c = to[i];
    auto h = std::ranges::find(out, c.at.address, &host_candidates::address);
    if (h == out.end()) h = out.insert(out.end(), {c.at.address, {}, {}});
    auto& list = c.kind == link_kind::dtls ? h->dtls : h->tls;
    if (std::ranges::find(list, c.at) == list.end()) list.push_back(c.at);
  }
  std::vector<host_candidates> best_first;
  for (const bool datagrams : {true, false}) {
    std::ranges::copy_if(out, std::back_inserter(best_first), [&](const auto& h) { return h.dtls.empty() != datagrams; });
  }
  return best_first;
}

// What one host is tried by, best first.
std::vector<ladder_step> rungs_of(const host_candidates& h, const ladder_options& o) {
  std::vector<ladder_step> out;
  const auto add = [&](rung by, const endpoint& at) { out.push_back({by, at, at, {}}); };
  const auto& node = h.tls.empty() ? h.dtls.front() : h.tls.front();
  const auto add_fallback = [&](rung by, const endpoint& at) { out.push_back({by, at, node, {}}); };
  const endpoint https{h.address, o.https};
  const endpoint http{h.address, o.http};
  const bool apart = std::ranges::find(h.tls, https) == h.tls.end();
  for (const auto& at : h.dtls) add(rung::dtls, at);
  for (const auto& at : h.tls) add(rung::tls, at);
  if (o.https != 0 && apart) add_fallback(rung::https, https);
  if (o.http != 0) add_fallback(rung::upgrade, http);
  if (!o.proxy || is_exempt(*o.proxy, h.address)) return out;
  if (o.https != 0) add_fallback(rung::proxy_https, https);
  for (const auto& at : h.tls) {
    if (at != https || o.https == 0) add(rung::proxy_tls, at);
  }
  if (o.http != 0) add_fallback(rung::proxy_upgrade, http);
  return out;
}

}  // namespace

std::string_view text_of(rung r) noexcept { return names[static_cast<std::size_t>(r)]; }

std::optional<rung> rung_of(std::string_view text) noexcept {
  const auto at = std::ranges::find(names, text);
  if (at == names.end()) return std::nullopt;
  return static_cast<rung>(at - names.begin());
}

bool is_exempt(const http_proxy& proxy, const asio::ip::address& to) {
  const auto text = to.to_string();
  return std::ranges::any_of(proxy.exempt, [&](const std::string& e) { return e == "*" || e == text; });
}

std::vector<ladder_step> plan_ladder(const std::vector<candidate>& to, const ladder_options& o, std::optional<rung> remembered) {
  std::vector<ladder_step> out;
  auto host_begins = core::duration::zero();
  for (const auto& h : by_host(to)) {
    auto after = host_begins;
    const auto steps = rungs_of(h, o);
    for (const bool first : {true, false}) {
      for (const auto& s : steps) {
        if ((s.by == remembered) != first) continue;
        out.push_back({s.by, s.at, s.node, after});
        after += stagger;
      }
    }
    host_begins += stagger;
  }
  std::ranges::sort(out, {}, [](const ladder_step& s) { return std::tie(s.after, s.by, s.at); });
  return out;
}

}  // namespace phyllo::transport
