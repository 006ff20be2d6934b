// Byte streams between the processes of one machine, by a Unix socket in the file system (unix(7)): who may write to its file may connect.
// A path may be of any length, beyond the 108 bytes of a socket's address, too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/listener.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

struct local_address {
  std::string path;
  std::optional<unsigned> group;  // group id; nothing: the owner alone may connect (mode 0600), else the members of the group too (0660)
};

// Replaces a socket that a process left behind; its close() removes the file. address_in_use (a process answers there), not_permitted (the
// directory may not be written, or the group is none of ours), refused (no such directory, or a file that is no socket).
[[nodiscard]] core::result<std::unique_ptr<stream_listener>> listen_local(core::environment& env, local_address at);

// refused: no process answers there; not_permitted: the file is another user's; timed_out; closed: any other failure. Its endpoints are
// unspecified addresses.
core::awaitable<core::result<std::unique_ptr<stream>>> open_local_stream(core::environment& env, std::string path,
                                                                         core::time_point deadline);

}  // namespace phyllo::transport
