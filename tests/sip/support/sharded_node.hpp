// A supernode whose SIP is served by several shards on threads of their own, on real sockets of 127.50.`net`.9, over an overlay in memory.
#pragma once

#include <doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/shard_group.hpp"
#include "phyllo/overlay/overlay_proxy.hpp"
#include "sip_ring.hpp"

namespace phyllo::testing {

class sharded_node {
 public:
  sharded_node(sip_ring& ring, std::uint8_t net, unsigned shards, const sip::service_options& base = {})
      : address_("127.50." + std::to_string(net) + ".9"),
        base_(base),
        authority_(ring.authority),
        group_(ring.env(), "shard", shards),
        by_(shards, 0x9E3779B1, 0x85EBCA77),
        overlay_(ring.ring, sip_authority::id_of(9)) {
    std::vector<core::shard_door*> doors;
    for (unsigned i = 0; i < shards; ++i) doors.push_back(&group_.door(i));
    exchange_ = std::make_shared<sip::shard_exchange>(ring.env(), std::move(doors), by_, std::vector<std::string>{"example.com"});
    for (unsigned i = 0; i < shards; ++i) fronts_.push_back(std::make_unique<front>());
  }

  core::awaitable<void> start() {
    co_await on_each(&sharded_node::make);
    co_await on_each(&sharded_node::steer);
  }
  core::awaitable<void> stop() {
    co_await on_each(&sharded_node::end);
    co_await group_.door(0).join();
  }

  [[nodiscard]] std::string at() const { return address_ + ":5060"; }
  [[nodiscard]] unsigned shards() const { return group_.size(); }
  // Which shard serves that address; the addresses of one.
  [[nodiscard]] unsigned shard_of(const std::string& address) const { return by_.shard_of(asio::ip::make_address(address)); }
  [[nodiscard]] std::uint64_t passed_on() {
    std::uint64_t out = 0;
    for (auto& f : fronts_) out += f->metrics.get_counter("phyllo_sip_passed_on_total", "").value();
    return out;
  }
  [[nodiscard]] std::uint64_t received_by(unsigned i, const char* transport) {
    return fronts_[i]->metrics.get_counter("phyllo_sip_messages_total", "", {{"transport", transport}}).value();
  }
  // Asked on its own shard.
  core::awaitable<std::size_t> bindings() {
    std::size_t out = 0;
    for (unsigned i = 0; i < group_.size(); ++i) {
      std::move_only_function<core::awaitable<core::result<std::size_t>>()> what = [this, i] { return count(i); };
      const auto n = co_await core::hop<std::size_t>(group_.door(0), group_.door(i), std::move(what));
      out += n.value_or(0);
    }
    co_return out;
  }

 private:
  struct front final : transport::datagram_service, transport::stream_service {
    void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override { service->on_datagram(port, d); }
    void on_stream(std::unique_ptr<transport::stream> s) override { service->on_stream(std::move(s)); }

    core::metrics metrics;
    identity::trust trust{"ring.example.com"};
    std::unique_ptr<overlay::overlay> overlay;
    std::unique_ptr<transport::host> host;
    std::unique_ptr<sip::service> service;
  };

  // Has it run on each shard, one after the other.
  core::awaitable<void> on_each(core::awaitable<void> (sharded_node::*what)(unsigned)) {
    for (unsigned i = 0; i < group_.size(); ++i) {
      if (i == 0) {
        co_await (this->*what)(i);
        continue;
      }
      core::shard_door::maker task = [this, what, i] { return (this->*what)(i); };
      const auto done = co_await group_.door(0).ask(group_.door(i), std::move(task));
      REQUIRE(done.has_value());
    }
  }
  core::awaitable<void> make(unsigned i) {
    auto& f = *fronts_[i];
    auto& env = group_.door(i).env();
    REQUIRE(f.trust.update({authority_.ca.certificate_der()}, {}));
    transport::host_options h;
    h.address = asio::ip::make_address(address_);
    h.ports = {0, 5060, 5061, 0, 0, 0};
    h.shard.emplace();
    h.shard->index = i;
    auto opened = transport::host::open(env, h, authority_.credential(9, "node9@example.com", {"example.com"}), f.trust, {}, f.metrics, {});
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
    f.host = std::move(*opened);
    f.overlay = overlay::make_overlay_proxy(group_.door(i), group_.door(0), overlay_);
    auto o = base_;
    o.self = sip_authority::id_of(9);
    o.domains = {"example.com"};
    o.advertised_address = address_;
    o.keys = authority_.keys;
    o.trust = &f.trust;
    o.shards = exchange_;
    o.shard = static_cast<std::uint8_t>(i);
    f.service = sip::service::create(env, o, *f.host, *f.overlay, &secret_of, f.metrics, {});
    f.host->serve(transport::datagram_kind::text, &f);
    f.host->serve(transport::stream_kind::text, &f);
    co_return;
  }
  core::awaitable<void> steer(unsigned i) {
    REQUIRE(fronts_[i]->host->steer(by_));
    co_return;
  }
  core::awaitable<void> end(unsigned i) {
    auto& f = *fronts_[i];
    co_await f.service->stop();
    f.host->serve(transport::datagram_kind::text, nullptr);
    f.host->serve(transport::stream_kind::text, nullptr);
    co_await f.host->stop();
    f.service.reset();
    f.host.reset();
  }
  core::awaitable<core::result<std::size_t>> count(unsigned i) { co_return fronts_[i]->service->status().bindings; }

  static core::awaitable<core::result<std::string>> secret_of(std::string user, std::string algorithm, bool whole) {
    const auto name = user.substr(0, user.find('@'));
    if (!name.starts_with("user") && name != "alice" && name != "bob") co_return core::fail(overlay::errc::not_found);
    co_return sip::digest_hash(sip::parse_digest_algorithm(algorithm).value(), (whole ? user : name) + ":example.com:secret");
  }

  std::string address_;
  sip::service_options base_;
  const sip_authority& authority_;
  core::shard_group group_;
  transport::steering by_;
  memory_overlay overlay_;
  std::shared_ptr<sip::shard_exchange> exchange_;
  std::vector<std::unique_ptr<front>> fronts_;
};

}  // namespace phyllo::testing
