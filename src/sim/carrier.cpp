#include "phyllo/sim/carrier.hpp"

#include "carrier_host.hpp"
#include "carrier_stream.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::sim {
namespace {

constexpr std::uint16_t first_port = 20000, last_port = 60000;  // of streams that a node opens
constexpr int handshake_flights = 4;                            // TCP, then TLS 1.3

}  // namespace

std::unique_ptr<transport::host> carrier::open(host& at, identity::certificate own) {
  return std::make_unique<carrier_host>(*this, at, std::move(own));
}

void carrier::listen(const transport::endpoint& at, hearer hear) {
  if (!hear) {
    phones_.erase({at.address, at.port});
  } else {
    phones_.insert_or_assign({at.address, at.port}, std::move(hear));
  }
}

carrier_host* carrier::node_at(const asio::ip::address& a) const {
  const auto found = nodes_.find(a);
  return found == nodes_.end() || !found->second->at().alive() ? nullptr : found->second;
}

core::duration carrier::flight(const transport::endpoint& a, const transport::endpoint& b) {
  const auto* from = node_at(a.address);
  const auto* to = node_at(b.address);
  return from != nullptr && to != nullptr ? network_.one_way(from->at().index(), to->at().index()) : access;
}

void carrier::send(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) {
  auto& w = network_.world();
  ++datagrams;
  if (loss > 0 && w.chance() < loss) return;
  w.at(w.now() + flight(from, to), [this, from, to, copy = core::to_bytes(data)] {
    if (auto* node = node_at(to.address)) return node->hear(from, to, copy);
    const auto phone = phones_.find({to.address, to.port});
    if (phone == phones_.end()) return;
    const auto hear = phone->second;  // it may stop to listen meanwhile
    hear(from, copy);
  });
}

carrier_host::carrier_host(carrier& c, sim::host& at, identity::certificate own)
    : carrier_(c), at_(at), own_(std::move(own)), sip_(std::make_unique<carrier_port>(c, at, address(carrier::sip_port))) {
  carrier_.nodes_.insert_or_assign(network::address(at_.index()).address, this);
}

carrier_host::~carrier_host() {
  const auto mine = carrier_.nodes_.find(network::address(at_.index()).address);
  if (mine != carrier_.nodes_.end() && mine->second == this) carrier_.nodes_.erase(mine);
}

core::awaitable<core::result<std::shared_ptr<transport::link>>> carrier_host::connect(std::vector<transport::candidate> to,
                                                                                      std::optional<identity::node_id> expected,
                                                                                      core::time_point deadline) {
  return at_.connect(std::move(to), expected, deadline);
}

void carrier_host::serve(transport::datagram_kind kind, transport::datagram_service* by) {
  if (kind == transport::datagram_kind::text) datagrams_ = by;
}

void carrier_host::serve(transport::stream_kind kind, transport::stream_service* by) {
  if (kind == transport::stream_kind::text) streams_ = by;
}

core::result<std::shared_ptr<transport::datagram_port>> carrier_host::open_port(const transport::endpoint& at,
                                                                                transport::datagram_service& by) {
  if (at.address != address(0).address) return core::fail(transport::errc::refused, at.text());
  auto number = at.port;
  if (number == 0) number = own_ports_.empty() ? last_port : static_cast<std::uint16_t>(own_ports_.rbegin()->first + 1);
  if (number == 0 || number == carrier::sip_port || own_ports_.contains(number)) {
    return core::fail(transport::errc::address_in_use, at.text());
  }
  const auto port = std::make_shared<carrier_port>(carrier_, at_, address(number));
  own_ports_.emplace(number, own_port{port.get(), &by});
  return std::shared_ptr<transport::datagram_port>(port.get(), [this, port, number, there = std::weak_ptr(alive_)](const auto*) {
    if (!there.expired()) own_ports_.erase(number);
  });
}

void carrier_host::hear(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) {
  if (const auto own = own_ports_.find(to.port); own != own_ports_.end()) {
    own->second.by->on_datagram(*own->second.port, {from, data});
  } else if (datagrams_ != nullptr) {
    datagrams_->on_datagram(*sip_, {from, data});
  }
}

void carrier_host::take(std::unique_ptr<transport::stream> s) {
  if (streams_ != nullptr) streams_->on_stream(std::move(s));
}

core::awaitable<core::result<std::shared_ptr<transport::link>>> carrier_host::adopt(std::unique_ptr<transport::datagram_channel>,
                                                                                    transport::adoption, core::time_point) {
  co_return core::fail(transport::errc::refused, "links are the simulated network's own");
}

core::awaitable<core::result<std::unique_ptr<transport::datagram_session>>> carrier_host::adopt_session(
    std::unique_ptr<transport::datagram_channel>, std::string, transport::adoption, core::time_point) {
  co_return core::fail(transport::errc::refused, "sessions are not simulated");
}

// Phones that are there answer.
void carrier_host::probe(transport::datagram_port& from, const transport::endpoint& to, std::function<void()> answered) {
  auto& w = at_.env();
  const auto back = w.now() + 2 * carrier_.flight(from.local(), to);
  carrier_.network_.world().at(back, [this, to, answered = std::move(answered), alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && carrier_.phones_.contains({to.address, to.port})) answered();
  });
}

core::awaitable<core::result<std::unique_ptr<transport::stream>>> carrier_host::open_tcp(transport::endpoint, core::time_point) {
  co_return core::fail(transport::errc::refused, "nobody takes plain streams in this network");
}

core::awaitable<core::result<std::unique_ptr<transport::stream>>> carrier_host::open_tls(transport::endpoint to,
                                                                                         transport::tls_client_options o,
                                                                                         core::time_point deadline) {
  auto& net = carrier_.network_;
  const auto* there = carrier_.node_at(to.address);
  const bool reached = there != nullptr && net.reach(at_.index(), there->at().index());
  if (!reached) {
    const auto told = net.resets ? at_.env().now() + 2 * carrier_.access : deadline;
    co_await core::sleep_until(at_.env(), std::min(told, deadline));
    co_return core::fail(net.resets ? transport::errc::refused : transport::errc::timed_out);
  }
  co_await core::sleep_for(at_.env(), handshake_flights * net.distance(at_.index(), there->at().index()));
  auto* still = carrier_.node_at(to.address);
  if (still == nullptr || !at_.alive()) co_return core::fail(transport::errc::refused);
  if (o.expected && still->own().node() != *o.expected) co_return core::fail(transport::errc::wrong_peer);
  ++carrier_.streams;
  carrier_.next_port_ = carrier_.next_port_ >= last_port ? first_port : static_cast<std::uint16_t>(carrier_.next_port_ + 1);
  carrier_stream::party mine{&at_, address(carrier_.next_port_), own_};
  carrier_stream::party theirs{&still->at(), still->address(carrier::sips_port), still->own()};
  auto ends = carrier_stream::make(net, std::move(mine), std::move(theirs));
  still->take(std::move(ends.second));
  co_return std::move(ends.first);
}

core::awaitable<void> carrier_host::stop() {
  datagrams_ = nullptr;
  streams_ = nullptr;
  co_return;
}

}  // namespace phyllo::sim
