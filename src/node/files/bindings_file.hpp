// The phones that are registered here, kept in the data directory: the node's next process knows them and their flows.
#pragma once

#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::node {

// As service_options::bindings wants it; empty where there is no file, or none that can be read.
[[nodiscard]] std::string load_bindings(const configuration& c);

// disk's io; the file may lack it then, and is to be written whole the next time.
[[nodiscard]] core::status save_bindings(const configuration& c, const sip::service::kept_bindings& kept);

}  // namespace phyllo::node
