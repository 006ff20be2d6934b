// Two hosts of one overlay on loopback addresses 127.20.<net>.1 and .2, and what listens to their links.
#pragma once

#include <doctest.h>

#include <functional>
#include <map>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/host.hpp"
#include "small_overlay.hpp"
#include "support/run.hpp"

namespace phyllo::testing {

// Notes all it hears.
class notes final : public transport::link_observer {
 public:
  explicit notes(core::environment& env) : messages(env, 4096), closed(env, 4) {}
  void on_message(transport::link&, core::byte_view m) override { messages.push(core::to_bytes(m)); }
  void on_acknowledged(transport::link&, std::uint64_t token) override { acknowledged[token]++; }
  void on_overdue(transport::link&, std::uint64_t token) override { overdue[token]++; }
  void on_closed(transport::link&, const core::error& why) override { closed.push(why); }

  core::mailbox<core::bytes> messages;
  core::mailbox<core::error> closed;
  std::map<std::uint64_t, int> acknowledged;
  std::map<std::uint64_t, int> overdue;
};

class door final : public transport::link_acceptor {
 public:
  explicit door(core::environment& env) : links(env, 16) {}
  void on_link(std::shared_ptr<transport::link> l) override { links.push(std::move(l)); }
  core::mailbox<std::shared_ptr<transport::link>> links;
};

struct two_hosts {
  using tuning = std::function<void(transport::host_options&)>;

  small_overlay overlay;
  transport::web_certificate web = make_web_certificate({"www.example.com"});
  real_world world;
  core::metrics a_metrics;
  core::metrics b_metrics;
  door at_b{*world.env};
  std::unique_ptr<transport::host> a;
  std::unique_ptr<transport::host> b;

  explicit two_hosts(std::uint8_t net, const tuning& tune = nullptr) {
    a = open(net, 1, a_metrics, overlay.trust, tune);
    b = open(net, 2, b_metrics, overlay.trust, tune);
    b->accept(&at_b);
  }

  std::unique_ptr<transport::host> open(std::uint8_t net, std::uint8_t number, core::metrics& m, const identity::trust& trust,
                                        const tuning& tune = nullptr) {
    transport::host_options o;
    o.address = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number});
    o.ports = {16084, 15060, 15061, 13478, 10443, 10080};
    if (tune) tune(o);
    auto h = transport::host::open(*world.env, o, overlay.credential(number), trust, web, m, {});
    REQUIRE_MESSAGE(h.has_value(), (h ? "" : h.error().message()));
    return std::move(*h);
  }

  core::awaitable<void> stop() {
    co_await a->stop();
    co_await b->stop();
  }
};

inline std::vector<transport::candidate> only(const transport::host& h, transport::link_kind kind) {
  auto all = h.candidates();
  std::erase_if(all, [kind](const auto& c) { return c.kind != kind; });
  return all;
}

}  // namespace phyllo::testing
