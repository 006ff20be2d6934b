// RouteQueryReq and RouteQueryAns with the Pastry plug-in's data.
#include "overlay/pastry/topology_messages.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::route_query_request>(input);
  phyllo::fuzz::reencoded<phyllo::overlay::route_query_answer>(input);
  return 0;
}
