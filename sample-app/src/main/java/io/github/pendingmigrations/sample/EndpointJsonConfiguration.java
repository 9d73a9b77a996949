package io.github.pendingmigrations.sample;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.endpoint.jackson.EndpointJsonMapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the responses of actuator endpoints readable with nothing but {@code curl}. They
 * are those of Spring Boot apart from the line breaks.
 */
@Configuration(proxyBeanMethods = false)
class EndpointJsonConfiguration {

	@Bean
	EndpointJsonMapper endpointJsonMapper() {
		JsonMapper mapper = JsonMapper.builder()
			.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL)
				.withContentInclusion(JsonInclude.Include.NON_NULL))
			.enable(SerializationFeature.INDENT_OUTPUT)
			.build();
		return () -> mapper;
	}

}
