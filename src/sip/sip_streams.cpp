#include "sip_streams.hpp"

#include <utility>

namespace phyllo::sip {

sip_streams::sip_streams(parts p, const core::logger& log)
    : parts_(p),
      writer_(p.env, p.options, p.door, p.metrics),
      reader_({p.env, p.options, p.door, writer_, p.upward, p.metrics}, log),
      scope_(p.env) {}

void sip_streams::on_stream(std::unique_ptr<transport::stream> s) {
  const auto* peer = s->peer();
  auto c = peer != nullptr ? add_node(peer->node(), s->remote()) : add(s->secure() ? protocol::tls : protocol::tcp, s->remote(), {});
  if (!c) return parts_.metrics.drop("sip_streams_full");
  if (peer != nullptr) (*c)->peer = std::make_shared<const identity::certificate>(*peer);
  if (peer != nullptr) s->keep(true);
  (*c)->stream = std::move(s);
  scope_.spawn(run(*c));
}

void sip_streams::on_websocket(std::unique_ptr<transport::websocket> w) {
  auto c = add(w->secure() ? protocol::wss : protocol::ws, w->remote(), {});
  if (!c) return parts_.metrics.drop("sip_streams_full");
  (*c)->websocket = std::move(w);
  scope_.spawn(run(*c));
}

core::status sip_streams::send_over(stream_connection& c, core::byte_view bytes, std::uint64_t token) {
  if (c.ending && !is_response(bytes)) return core::fail(errc::unreachable, "the flow is gone");
  return writer_.enqueue(c, bytes, token);
}

core::status sip_streams::send(const destination& to, core::byte_view bytes, std::uint64_t token) {
  if (auto* known = known_connection(to)) return writer_.enqueue(*known, bytes, token);
  const auto c = connect(to);
  if (!c) return core::fail(c.error());
  return writer_.enqueue(**c, bytes, token);
}

stream_connection* sip_streams::known_connection(const destination& to) const {
  return to.node ? parts_.table.find(*to.node) : parts_.table.find(reuse_key(to.by, to.at, to.server_name));
}

core::result<sip_streams::connection_ptr> sip_streams::connect(const destination& to) {
  if (!to.node && over_websocket(to.by)) return core::fail(errc::unreachable, "the phone's WebSocket is gone");
  auto c = to.node ? add_node(*to.node, to.at) : add(to.by, to.at, to.server_name);
  if (c) scope_.spawn(run(*c));
  return c;
}

sip_streams::connection_ptr sip_streams::make_connection(reuse_key key) {
  auto c = std::make_shared<stream_connection>();
  c->id = parts_.table.next_flow();
  c->key = std::move(key);
  c->active_at = parts_.env.now();
  c->signal = parts_.env.make_timer();
  return c;
}

core::result<sip_streams::connection_ptr> sip_streams::add(protocol p, const transport::endpoint& remote, std::string server_name) {
  if (parts_.table.of_others() >= parts_.options.streams_max) return core::fail(errc::overloaded, "too many streams");
  auto c = make_connection(reuse_key(p, remote, std::move(server_name)));
  static_cast<void>(parts_.table.add(c));
  return c;
}

// Strangers' streams do not take their room, and nobody but the node itself is reached by them.
core::result<sip_streams::connection_ptr> sip_streams::add_node(const identity::node_id& node, const transport::endpoint& remote) {
  if (parts_.table.of_nodes() >= parts_.options.nodes_max) return core::fail(errc::overloaded, "too many supernodes");
  auto c = make_connection(reuse_key(protocol::tls, remote, std::string()));
  c->node = node;
  if (auto* too_many = parts_.table.add(c)) too_many->close();
  return c;
}

transport::tls_client_options sip_streams::tls_for(const stream_connection& c) const {
  auto tls = parts_.options.tls;
  tls.server_name = std::get<std::string>(c.key);
  tls.verify = tls.verify && !tls.server_name.empty();
  if (tls.alpn.empty()) tls.alpn.emplace_back("sip/2");
  if (c.node) {
    tls.alpn.assign(1, "phyllo-sip");
    tls.expected = c.node;
    tls.verify = true;
  }
  return tls;
}

core::awaitable<core::status> sip_streams::open(connection_ptr c) {
  const auto by = std::get<protocol>(c->key);
  const auto remote = std::get<transport::endpoint>(c->key);
  const auto deadline = parts_.env.now() + parts_.options.open_timeout;
  core::result<std::unique_ptr<transport::stream>> opened = core::fail(errc::unreachable);
  if (by == protocol::tls) {
    auto tls = tls_for(*c);
    opened = co_await parts_.doors.open_tls(remote, std::move(tls), deadline);
  } else {
    opened = co_await parts_.doors.open_tcp(remote, deadline);
  }
  if (!opened) co_return core::fail(errc::unreachable, opened.error().message());
  c->stream = std::move(*opened);
  c->active_at = parts_.env.now();
  const auto* peer = c->stream->peer();
  if (c->node && (peer == nullptr || peer->node() != *c->node)) co_return core::fail(errc::unreachable, "another node answers");
  if (peer != nullptr) c->peer = std::make_shared<const identity::certificate>(*peer);
  co_return core::status();
}

core::awaitable<void> sip_streams::run(connection_ptr c) {
  core::status ended;
  if (!c->stream && !c->websocket) ended = co_await open(c);
  if (ended) {
    if (c->websocket) scope_.spawn(reader_.read_messages(c));
    if (c->stream) scope_.spawn(reader_.read_all(c));
    ended = co_await writer_.write_all(c);
  }
  c->close();
  remove(c, ended ? core::error(errc::unreachable, "the connection has closed") : ended.error());
}

void sip_streams::remove(const connection_ptr& c, const core::error& why) {
  parts_.table.remove(*c);
  const auto unsent = std::move(c->queue);
  for (const auto& item : unsent)
    if (item.token != 0) parts_.upward.send_failed(item.token, why);
  if (!c->ending) parts_.upward.flow_closed(c->id);
}

core::awaitable<void> sip_streams::stop() {
  scope_.cancel();
  co_await scope_.join();
  parts_.table.clear();
}

}  // namespace phyllo::sip
