#include "admin/admin_doors.hpp"

#include <fmt/format.h>
#include <grp.h>

#include "admin/admin_token.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/transport/local_socket.hpp"

namespace phyllo::node {
namespace {

core::result<std::optional<unsigned>> group_of(const configuration& c) {
  if (c.admin.group.empty()) return std::optional<unsigned>();
  const auto* entry = ::getgrnam(c.admin.group.c_str());
  if (entry == nullptr)
    return core::fail(errc::configuration, fmt::format("admin.group: expected a group of this machine, not \"{}\"", c.admin.group));
  if (auto admitted = disk::admit_group(c.node.data_directory, entry->gr_gid); !admitted) return core::fail(admitted.error());
  return std::optional<unsigned>(entry->gr_gid);
}

core::result<std::unique_ptr<transport::stream_listener>> open_socket(core::environment& env, const configuration& c) {
  const auto group = group_of(c);
  if (!group) return core::fail(group.error());
  auto out = transport::listen_local(env, {c.admin_socket(), *group});
  if (!out && out.error() == transport::errc::address_in_use)
    return core::fail(
        disk::errc::io,
        fmt::format("{}: a node runs with this data directory; stop it, or name another as node.data_directory", c.admin_socket()));
  if (!out) return core::fail(out.error().at("admin socket"));
  return out;
}

}  // namespace

core::result<admin_doors> open_admin_doors(core::environment& env, const configuration& c) {
  auto token = admin_token(env, c);
  if (!token) return core::fail(token.error());
  auto socket = open_socket(env, c);
  if (!socket) return core::fail(socket.error());
  const transport::endpoint at{asio::ip::make_address(c.admin.address), c.admin.port};
  auto network = transport::listen_tcp(env, at);
  if (!network) return core::fail(network.error().at("admin listener"));
  admin_doors out;
  out.network = (*network)->local();
  out.doors.push_back({std::move(*socket), admin_gate::of_socket()});
  out.doors.push_back({std::move(*network), admin_gate::of_network(std::move(*token), c.admin.hosts, c.admin_socket())});
  return out;
}

}  // namespace phyllo::node
