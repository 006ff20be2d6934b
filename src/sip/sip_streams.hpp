// The connections of the transport layer, of phones, proxies and supernodes (RFC 3261 s.18, RFC 7118, sip.md "Between supernodes"): opens
// them where need be, uses again those that there are, and ends them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "connection_table.hpp"
#include "phyllo/core/task_scope.hpp"
#include "stream_reader.hpp"
#include "stream_writer.hpp"

namespace phyllo::sip {

class sip_streams {
 public:
  struct parts {
    core::environment& env;
    transport::doors& doors;
    const transport_options& options;
    connection_table& table;
    message_door& door;
    const transport_upward& upward;
    core::metrics& metrics;
  };
  // What `p` names must outlive it.
  sip_streams(parts p, const core::logger& log);
  void pace_with(std::function<core::duration(const source&)> pace) { reader_.pace_with(std::move(pace)); }

  void on_stream(std::unique_ptr<transport::stream> s);
  void on_websocket(std::unique_ptr<transport::websocket> w);
  // As transport_layer::send: over a connection that is there, which lets nothing but responses out while it is ending; or along one
  // that is found or opened for `to`.
  core::status send_over(stream_connection& c, core::byte_view bytes, std::uint64_t token);
  core::status send(const destination& to, core::byte_view bytes, std::uint64_t token);

  core::awaitable<void> stop();  // closes all, joins

 private:
  using connection_ptr = connection_table::connection_ptr;

  [[nodiscard]] core::result<connection_ptr> add(protocol p, const transport::endpoint& remote, std::string server_name);
  [[nodiscard]] core::result<connection_ptr> add_node(const identity::node_id& node, const transport::endpoint& remote);
  [[nodiscard]] connection_ptr make_connection(reuse_key key);
  [[nodiscard]] stream_connection* known_connection(const destination& to) const;
  // A new one, which may have failed already: nobody else need hold it.
  [[nodiscard]] core::result<connection_ptr> connect(const destination& to);

  // The connection's life: opens it where need be, then writes until it closes. Its last step removes it.
  core::awaitable<void> run(connection_ptr c);
  core::awaitable<core::status> open(connection_ptr c);
  [[nodiscard]] transport::tls_client_options tls_for(const stream_connection& c) const;
  void remove(const connection_ptr& c, const core::error& why);

  parts parts_;
  stream_writer writer_;
  stream_reader reader_;
  core::task_scope scope_;
};

}  // namespace phyllo::sip
